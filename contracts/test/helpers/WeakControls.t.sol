// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Payer} from "../../libraries/Funding.sol";
import {PoolAddress} from "../../libraries/PoolAddress.sol";
import {Hop} from "../../verbs/Hop.sol";
import {UniswapV3} from "../../verbs/UniswapV3.sol";
import {UniswapV4} from "../../verbs/UniswapV4.sol";

/// @notice Controls: each lacks one defence of the settlement, so that the attack on it succeeds.

/// @notice Credits the receiver with the difference of his balance over two derived V3 pools; capped, with no more than
/// the last of them paid.
contract WeakCredit {
    bool public immutable isCapped;

    error PaidTooLittle(uint256 bought, uint256 floor);

    constructor(bool isCapped_) {
        isCapped = isCapped_;
    }

    function fill(address owner, address receiver, IERC20[3] calldata path, uint256 amount, uint256 floor) external {
        uint256 heldBefore = path[2].balanceOf(receiver);
        cross(path[0], path[1], amount, address(this), owner);
        uint256 between = path[1].balanceOf(address(this));
        uint256 paid = cross(path[1], path[2], between, receiver, address(this));
        uint256 bought = path[2].balanceOf(receiver) - heldBefore;
        if (isCapped && bought > paid) bought = paid;
        if (bought < floor) revert PaidTooLittle(bought, floor);
    }

    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata data) external {
        UniswapV3.payCaller(delta0, delta1, data);
    }

    /// @dev Gives what the pool says it paid, whatever arrived.
    function cross(
        IERC20 tokenIn,
        IERC20 tokenOut,
        uint256 amount,
        address to,
        address from
    ) private returns (uint256 paid) {
        address pool = PoolAddress.v3(15, address(tokenIn), address(tokenOut), 3000);
        uint256 heldBefore = tokenOut.balanceOf(pool);
        Payer memory payer;
        payer.from = from;
        UniswapV3.swap(pool, Hop(tokenIn, tokenOut, amount, to), payer);
        return heldBefore - tokenOut.balanceOf(pool);
    }
}

/// @notice Pays whoever calls back. Its users approve it, as they do the settlement.
contract WeakCallback {
    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata data) external {
        UniswapV3.payCaller(delta0, delta1, data);
    }
}

/// @notice Makes any call that a solver asks for. Its users approve it, as they do the settlement.
contract WeakCalls {
    error Failed();

    function run(address target, bytes calldata data) external {
        (bool isDone, ) = target.call(data);
        if (!isDone) revert Failed();
    }
}

/// @notice Wraps all ether that it has for whoever asks, and takes ether from anyone.
contract WeakEther {
    receive() external payable {}

    function payOut(address to) external {
        uint256 amount = address(this).balance;
        UniswapV4.WETH.deposit{value: amount}();
        UniswapV4.WETH.transfer(to, amount);
    }
}

/// @notice Anyone may name its administrator, who may take what users approved.
contract WeakAccess {
    address public admin;

    error NotAdmin();

    function initialize(address admin_) external {
        admin = admin_;
    }

    function rescue(IERC20 token, address from, uint256 amount) external {
        if (msg.sender != admin) revert NotAdmin();
        token.transferFrom(from, msg.sender, amount);
    }
}

/// @notice Another protocol's settlement of its own signed order: whoever pays the owner gets what the owner sells.
contract OtherProtocol {
    IERC20 public sell;
    IERC20 public buy;
    address public owner;
    address public receiver;
    uint256 public sellAmount;
    uint256 public buyAmount;

    function open(IERC20 sell_, IERC20 buy_, address owner_, address receiver_, uint256 sells, uint256 buys) external {
        (sell, buy, owner, receiver) = (sell_, buy_, owner_, receiver_);
        (sellAmount, buyAmount) = (sells, buys);
    }

    /// @dev `filler` has approved this contract for the buy token.
    function fill(address filler) external {
        buy.transferFrom(filler, receiver, buyAmount);
        sell.transferFrom(owner, filler, sellAmount);
    }
}
