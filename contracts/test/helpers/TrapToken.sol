// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IUniswapV2Pair} from "../../localnet/UniswapV2.sol";

/// @title A token with every trick that a buyer finds out too late, each behind a switch that is off at first
/// @notice For tests of the token screen. Every switch is open to anyone.
contract TrapToken is ERC20 {
    address public immutable OWNER = msg.sender;
    /// The tricks know pools from people.
    mapping(address account => bool isPool) public isPool;
    mapping(address account => bool isListed) public isListed;
    /// Kept of what a pool pays, is paid, and of every other transfer, in 1/10,000.
    uint256 public buyFee;
    uint256 public sellFee;
    uint256 public moveFee;
    /// Taken from the sender on top of what is moved, in 1/10,000.
    uint256 public surcharge;
    /// Most that one transfer moves.
    uint256 public most = type(uint256).max;
    bool public isForOwnerOnly;
    bool public listsBuyers;
    bool public burnsGas;
    bool public isClosed;
    /// What the token sells of its own into the pool whenever somebody sells, before the seller's tokens arrive.
    uint256 public swapBack;

    error OnlyTheOwnerSells();
    error Listed(address account);
    error Closed();

    constructor() ERC20("Trap", "TRAP") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setPool(address pool) external {
        isPool[pool] = true;
    }

    function setFees(uint256 buyFee_, uint256 sellFee_, uint256 moveFee_) external {
        (buyFee, sellFee, moveFee) = (buyFee_, sellFee_, moveFee_);
    }

    function setSurcharge(uint256 bps) external {
        surcharge = bps;
    }

    function setMost(uint256 amount) external {
        most = amount;
    }

    function setSwapBack(uint256 amount) external {
        swapBack = amount;
    }

    /// @notice Only the owner can sell; those who bought are blacklisted; a sale burns all gas; nobody can buy
    function setTraps(bool isForOwnerOnly_, bool listsBuyers_, bool burnsGas_, bool isClosed_) external {
        (isForOwnerOnly, listsBuyers, burnsGas, isClosed) = (isForOwnerOnly_, listsBuyers_, burnsGas_, isClosed_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        // Real ones say it in words, which the screen shows.
        // solhint-disable-next-line gas-custom-errors
        require(amount <= most, "TRAP: max transaction");
        require(!isListed[from], Listed(from));
        if (isPool[from]) require(!isClosed, Closed());
        if (isPool[to]) require(!isForOwnerOnly || from == OWNER, OnlyTheOwnerSells());
        for (uint256 i = 0; isPool[to] && burnsGas; i++) isListed[address(uint160(i))] = false;
        if (isPool[to] && swapBack > 0 && from != address(this)) _sellOwn(to);
        if (isPool[from] && listsBuyers) isListed[to] = true;
        uint256 fee =
            (amount *
                (
                    isPool[from]
                        ? buyFee
                        : isPool[to]
                            ? sellFee
                            : moveFee
                )) / 10_000;
        super._update(from, to, amount - fee);
        if (fee > 0) super._update(from, address(0xfee), fee);
        uint256 extra = (amount * surcharge) / 10_000;
        if (extra > 0 && !isPool[from]) super._update(from, address(0xfee), extra);
    }

    /// @dev For next to nothing, as those who set no limit do.
    function _sellOwn(address pool) private {
        super._update(address(this), pool, swapBack);
        (bool isZero, uint256 one) = (IUniswapV2Pair(pool).token0() == address(this), 1);
        IUniswapV2Pair(pool).swap(isZero ? 0 : one, isZero ? one : 0, OWNER, "");
    }
}
