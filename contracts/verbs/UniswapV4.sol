// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {Credit} from "../libraries/Credit.sol";
import {Funding, Payer} from "../libraries/Funding.sol";
import {PoolAddress} from "../libraries/PoolAddress.sol";
import {Hop} from "./Hop.sol";
import {UniswapV3} from "./UniswapV3.sol";

/// @dev The part of the pool manager that is used. A swap's delta packs two int128: token 0 above token 1.
interface IPoolManager {
    struct PoolKey {
        address currency0;
        address currency1;
        uint24 fee;
        int24 tickSpacing;
        address hooks;
    }

    // The manager's own order.
    // solhint-disable-next-line gas-struct-packing
    struct SwapParams {
        bool zeroForOne;
        int256 amountSpecified;
        uint160 sqrtPriceLimitX96;
    }

    function unlock(bytes calldata data) external returns (bytes memory result);
    function swap(
        PoolKey calldata key,
        SwapParams calldata params,
        bytes calldata hookData
    ) external returns (int256 delta);
    function sync(address currency) external;
    function take(address currency, address to, uint256 amount) external;
    function settle() external payable returns (uint256 paid);
}

/// @dev The part of the wrapped-ether contract that is used beyond ERC-20.
interface IWrappedEther is IERC20 {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}

/// @title UniswapV4
/// @notice Sells to a V4 pool without hooks: swap, pay the manager straight from the payer, take.
/// @dev `isNative`: the pool holds native ether where the hop says wrapped ether, which is wrapped and unwrapped here.
library UniswapV4 {
    using Credit for Hop;
    using Funding for Payer;
    using SafeERC20 for IERC20;

    IPoolManager internal constant MANAGER = IPoolManager(0x000000000004444c5dc75cB358380D2e3dE08A90);
    IWrappedEther internal constant WETH = IWrappedEther(0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2);

    /// @notice What crosses the manager's unlock and comes back unchanged.
    struct Swap {
        Hop hop;
        Payer payer;
        uint24 fee;
        int24 tickSpacing;
        bool isNative;
    }

    /// @dev Requires that the manager is armed.
    function unlock(Swap memory order) internal returns (uint256 paid, uint256 got) {
        return abi.decode(MANAGER.unlock(abi.encode(order)), (uint256, uint256));
    }

    /// @dev Requires that the manager was armed and calls, so that `data` is `unlock`'s own. What was paid is the
    /// manager's own delta, and what was got is too unless less arrived.
    function run(bytes calldata data) internal returns (bytes memory) {
        Swap memory order = abi.decode(data, (Swap));
        Hop memory hop = order.hop;
        (address currencyIn, address currencyOut) = (address(hop.tokenIn), address(hop.tokenOut));
        if (order.isNative) {
            if (currencyIn == address(WETH)) currencyIn = address(0);
            else if (currencyOut == address(WETH)) currencyOut = address(0);
            else revert ISettlement.NotWrappedEther(currencyIn, currencyOut);
        }

        (uint256 paid, uint256 got) = _swap(order, currencyIn, currencyOut);
        if (paid > hop.amountIn) revert ISettlement.AsksTooMuch(msg.sender, paid, hop.amountIn);
        _pay(order.payer, currencyIn, paid);
        return abi.encode(paid, _take(currencyOut, hop, got));
    }

    function _swap(
        Swap memory order,
        address currencyIn,
        address currencyOut
    ) private returns (uint256 paid, uint256 got) {
        (address currency0, address currency1) = PoolAddress.sort(currencyIn, currencyOut);
        bool isZeroForOne = currencyIn == currency0;
        int256 delta = MANAGER.swap(
            IPoolManager.PoolKey(currency0, currency1, order.fee, order.tickSpacing, address(0)),
            // A negative amount is an exact input; it has at most 128 bits.
            IPoolManager.SwapParams(
                isZeroForOne,
                -int256(order.hop.amountIn),
                isZeroForOne ? UniswapV3.LOWEST : UniswapV3.HIGHEST
            ),
            ""
        );
        (int256 delta0, int256 delta1) = (delta >> 128, int256(int128(delta)));
        (int256 deltaIn, int256 deltaOut) = isZeroForOne ? (delta0, delta1) : (delta1, delta0);
        // Seen from here: what is owed is negative, what is due positive.
        return (uint256(-deltaIn), uint256(deltaOut));
    }

    /// @dev The manager credits the difference of its own balance since `sync`; less than owed and the unlock reverts.
    function _pay(Payer memory payer, address currency, uint256 amount) private {
        if (currency == address(0)) {
            payer.pay(WETH, address(this), amount);
            WETH.withdraw(amount);
            MANAGER.settle{value: amount}();
        } else {
            MANAGER.sync(currency);
            payer.pay(IERC20(currency), address(MANAGER), amount);
            MANAGER.settle();
        }
    }

    function _take(address currency, Hop memory hop, uint256 amount) private returns (uint256 got) {
        uint256 heldBefore = hop.held();
        if (currency != address(0)) {
            MANAGER.take(currency, hop.to, amount);
        } else {
            MANAGER.take(address(0), address(this), amount);
            WETH.deposit{value: amount}();
            if (hop.to != address(this)) IERC20(WETH).safeTransfer(hop.to, amount);
        }
        return hop.arrived(amount, heldBefore);
    }
}
